-- Copies of images' data on the hosts of controllers; one that waits to be made has no cached_at.
CREATE TABLE image_cache (
    keeper TEXT NOT NULL,
    image_id TEXT NOT NULL,
    size BIGINT,
    hits BIGINT NOT NULL,
    queued_at BIGINT NOT NULL,
    cached_at BIGINT,
    read_at BIGINT,
    PRIMARY KEY (keeper, image_id)
);
