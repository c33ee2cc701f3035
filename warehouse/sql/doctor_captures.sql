-- looks at pages whose archive file is not among those that were read
-- A change of the schema empties processed_files, and the files are read again.
-- hint: diembao process
SELECT count(*), min(archive_file)
FROM captures
ANTI JOIN processed_files USING (archive_file);
