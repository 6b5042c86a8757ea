-- Lists go by age, of everybody or of a project: a page reads its own rows and no others.
CREATE INDEX compute_servers_listed ON compute_servers (created_at, id) WHERE deleted_at IS NULL;
DROP INDEX compute_servers_project;
CREATE INDEX compute_servers_project ON compute_servers (project_id, created_at, id);
