-- What grouping needs of the texts that came. Reads the temporary table described of load_captures.sql or load_texts.sql.
INSERT INTO version_sketches BY NAME
SELECT
    text_no, article_id, body_hash, bands,
    coalesce(list_sum(list_transform(sentences, lambda said: said.words)), 0)::INTEGER AS words
FROM described WHERE bands IS NOT NULL;

INSERT INTO version_sentences BY NAME
SELECT text_no, said.sentence, said.words
FROM (SELECT text_no, unnest(sentences) AS said FROM described);
