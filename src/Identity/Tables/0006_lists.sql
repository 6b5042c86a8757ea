-- Lists go by age: a page reads its own rows and no others.
CREATE INDEX identity_projects_listed ON identity_projects (created_at, id);
CREATE INDEX identity_users_listed ON identity_users (created_at, id);
CREATE INDEX identity_groups_listed ON identity_groups (created_at, id);
