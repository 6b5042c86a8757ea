-- What clients say of a location besides its URL.
ALTER TABLE image_locations ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}';
