-- Files that a request before 2.57 put into the server (nova's "personality"), as the request had them.
ALTER TABLE compute_servers ADD COLUMN injected_files TEXT NOT NULL DEFAULT '[]';
