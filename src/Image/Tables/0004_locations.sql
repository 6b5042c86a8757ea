-- Where the data of images is; an empty url is the store's own place for it.
CREATE TABLE image_locations (
    image_id TEXT NOT NULL REFERENCES image_images (id),
    store TEXT NOT NULL,
    url TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (image_id, store, url)
);
INSERT INTO image_locations (image_id, store, url, created_at)
SELECT id, 'file', '', updated_at FROM image_images WHERE deleted_at IS NULL AND status IN ('active', 'deactivated');

-- Data is staged beside the stores now.
UPDATE image_images SET status = 'queued', staged = NULL, size = NULL WHERE status = 'uploading';

ALTER TABLE image_images ADD COLUMN importing TEXT;
ALTER TABLE image_images ADD COLUMN import_task TEXT;
