-- Vietnamese without diacritics and capitals, as people type it in a hurry: contains(folded, fold('Dịch vụ công')).
CREATE OR REPLACE MACRO fold(words) AS lower(translate(strip_accents(words), 'đĐ', 'dD'));
