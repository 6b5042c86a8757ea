-- A resource type that goes is looked for where it is used.
CREATE INDEX image_md_associations_name ON image_md_associations (name);
