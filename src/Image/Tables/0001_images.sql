CREATE TABLE image_images (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT,
    status TEXT NOT NULL,
    visibility TEXT NOT NULL,
    protected BOOLEAN NOT NULL,
    os_hidden BOOLEAN NOT NULL,
    owner TEXT,
    disk_format TEXT,
    container_format TEXT,
    min_disk BIGINT NOT NULL,
    min_ram BIGINT NOT NULL,
    size BIGINT,
    virtual_size BIGINT,
    checksum TEXT,
    os_hash_algo TEXT,
    os_hash_value TEXT,
    staged TEXT,
    writer TEXT,
    writer_seen_at BIGINT,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX image_images_listed ON image_images (created_at, id);
CREATE INDEX image_images_owned ON image_images (owner, deleted_at);
CREATE INDEX image_images_named ON image_images (name);
CREATE INDEX image_images_written ON image_images (writer) WHERE writer IS NOT NULL;

CREATE TABLE image_properties (
    image_id TEXT NOT NULL REFERENCES image_images (id),
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (image_id, name)
);
CREATE INDEX image_properties_by_name ON image_properties (name);

CREATE TABLE image_tags (
    image_id TEXT NOT NULL REFERENCES image_images (id),
    tag TEXT NOT NULL,
    PRIMARY KEY (image_id, tag)
);

CREATE TABLE image_members (
    image_id TEXT NOT NULL REFERENCES image_images (id),
    member TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (image_id, member)
);
CREATE INDEX image_members_by_project ON image_members (member, status);

CREATE TABLE image_tasks (
    id TEXT NOT NULL PRIMARY KEY,
    image_id TEXT,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    owner TEXT,
    user_id TEXT,
    request_id TEXT,
    input TEXT NOT NULL,
    result TEXT,
    message TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    expires_at BIGINT
);
CREATE INDEX image_tasks_by_image ON image_tasks (image_id);
