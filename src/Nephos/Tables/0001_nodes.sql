-- Nodes as the link knows them: who they are, and which boot of their kernel was last dealt with.
CREATE TABLE link_nodes (
    id TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    address TEXT NOT NULL,
    release TEXT NOT NULL,
    boot_id TEXT NOT NULL,
    joined_at BIGINT NOT NULL
);
