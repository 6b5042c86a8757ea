-- Whose rows these are: one row, written by the first start.
CREATE TABLE link_cloud (
    id TEXT PRIMARY KEY
);
