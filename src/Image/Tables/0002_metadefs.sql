CREATE TABLE image_md_namespaces (
    id TEXT NOT NULL PRIMARY KEY,
    namespace TEXT NOT NULL,
    display_name TEXT,
    description TEXT,
    visibility TEXT NOT NULL,
    protected BOOLEAN NOT NULL,
    owner TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX image_md_namespaces_name ON image_md_namespaces (namespace);

-- Objects, properties and tags: each a document under a name.
CREATE TABLE image_md_items (
    namespace_id TEXT NOT NULL REFERENCES image_md_namespaces (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (namespace_id, kind, name)
);

CREATE TABLE image_md_resource_types (
    name TEXT NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE image_md_associations (
    namespace_id TEXT NOT NULL REFERENCES image_md_namespaces (id),
    name TEXT NOT NULL REFERENCES image_md_resource_types (name),
    prefix TEXT,
    properties_target TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (namespace_id, name)
);
