CREATE TABLE placement_providers (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    generation BIGINT NOT NULL,
    parent_id TEXT REFERENCES placement_providers (id),
    root_id TEXT NOT NULL,
    -- Copies of the two tables below as JSON lists: a search reads thousands of providers by one statement.
    traits TEXT NOT NULL,
    aggregates TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX placement_providers_name ON placement_providers (name);
CREATE INDEX placement_providers_tree ON placement_providers (root_id, id);
CREATE INDEX placement_providers_parent ON placement_providers (parent_id);

CREATE TABLE placement_provider_traits (
    provider_id TEXT NOT NULL REFERENCES placement_providers (id),
    trait TEXT NOT NULL,
    PRIMARY KEY (provider_id, trait)
);
CREATE INDEX placement_provider_traits_by_trait ON placement_provider_traits (trait, provider_id);

CREATE TABLE placement_provider_aggregates (
    provider_id TEXT NOT NULL REFERENCES placement_providers (id),
    aggregate TEXT NOT NULL,
    PRIMARY KEY (provider_id, aggregate)
);
CREATE INDEX placement_provider_aggregates_by_aggregate ON placement_provider_aggregates (aggregate, provider_id);

CREATE TABLE placement_inventories (
    provider_id TEXT NOT NULL REFERENCES placement_providers (id),
    class TEXT NOT NULL,
    total BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    min_unit BIGINT NOT NULL,
    max_unit BIGINT NOT NULL,
    step_size BIGINT NOT NULL,
    ratio DOUBLE PRECISION NOT NULL,
    -- The sum of the allocations, written in their transactions: a claim is one conditional update.
    used BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (provider_id, class)
);
CREATE INDEX placement_inventories_by_class ON placement_inventories (class, provider_id);

CREATE TABLE placement_consumers (
    id TEXT NOT NULL PRIMARY KEY,
    generation BIGINT NOT NULL,
    project_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    type TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX placement_consumers_owner ON placement_consumers (project_id, user_id);

CREATE TABLE placement_allocations (
    consumer_id TEXT NOT NULL REFERENCES placement_consumers (id),
    provider_id TEXT NOT NULL REFERENCES placement_providers (id),
    class TEXT NOT NULL,
    used BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (consumer_id, provider_id, class)
);
CREATE INDEX placement_allocations_by_provider ON placement_allocations (provider_id, class);

CREATE TABLE placement_traits (
    name TEXT NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL
);

CREATE TABLE placement_classes (
    name TEXT NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
