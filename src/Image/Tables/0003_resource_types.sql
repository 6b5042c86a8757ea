-- The types of resources that every cloud knows.
INSERT INTO image_md_resource_types (name, created_at, updated_at) VALUES
    ('OS::Cinder::Volume', 1767225600000000, 1767225600000000),
    ('OS::Glance::Image', 1767225600000000, 1767225600000000),
    ('OS::Nova::Aggregate', 1767225600000000, 1767225600000000),
    ('OS::Nova::Flavor', 1767225600000000, 1767225600000000),
    ('OS::Nova::Server', 1767225600000000, 1767225600000000),
    ('OS::Trove::Instance', 1767225600000000, 1767225600000000);
