-- Rows for rich.prisma: every relation has rows that are bound, and rows that are free.
TRUNCATE "left".persons, "left"."Profile", "left"."Passport", "left"."Stamp", "left"."Post", "left"."Comment",
  "left"."Team", "left"."Membership", "left"."Task", "left"."Desk", "left"."_Friends", "right"."Country", "right"."Port",
  "right"."Badge", "right"."Category", "right"."Label", "right"."Group", "right"."_LabelToPost", "right"."_GroupToPerson";

INSERT INTO "right"."Country" (id, code) VALUES (1, 'k1'), (2, 'k2'), (3, 'k3'), (4, 'k4');
INSERT INTO "right"."Port" (id, name, "countryCode") VALUES (1, 'k1', 'k1'), (2, 'k2', 'k2');
INSERT INTO "right"."Badge" (id) VALUES (1), (2), (3), (4);
INSERT INTO "left".persons (id, email, country_code, "mentorId", "spouseId", "badgeId") VALUES
  (1, 'k1', 'k1', NULL, 2, 1), (2, 'k2', 'k2', 1, NULL, 2), (3, 'k3', 'k3', 2, 4, 3), (4, 'k4', NULL, NULL, NULL, NULL);
INSERT INTO "left"."Profile" (id, "personId") VALUES (1, 1), (2, 2), (3, NULL);
INSERT INTO "left"."Passport" ("personId", number) VALUES (1, 'k1'), (2, 'k2');
INSERT INTO "left"."Stamp" (id, place, "passportId") VALUES (1, 'k1', 1), (2, 'k2', 1), (3, 'k1', 2);
INSERT INTO "right"."Category" (name) VALUES ('none'), ('k1'), ('k2'), ('k3');
INSERT INTO "left"."Post" (id, slug, "authorId", "reviewerId", "categoryName") VALUES
  (1, 'k1', 1, 2, 'k1'), (2, 'k2', 1, 1, 'k2'), (3, 'k3', 2, NULL, 'none'), (4, 'k4', 3, 1, 'k1');
INSERT INTO "left"."Comment" (id, "postId", "parentId") VALUES (1, 1, NULL), (2, 1, 1), (3, 2, NULL), (4, 3, NULL);
INSERT INTO "right"."Label" (id, text) VALUES (1, 'k1'), (2, 'k2'), (3, 'k3');
INSERT INTO "right"."_LabelToPost" ("A", "B") VALUES (1, 1), (2, 1), (1, 2);
INSERT INTO "right"."Group" (id) VALUES (1), (2), (3);
INSERT INTO "right"."_GroupToPerson" ("A", "B") VALUES (1, 1), (1, 2), (2, 1);
INSERT INTO "left"."_Friends" ("A", "B") VALUES (1, 2), (2, 3);
INSERT INTO "left"."Team" (id) VALUES (1), (2), (3);
INSERT INTO "left"."Membership" ("personId", "teamId", seat) VALUES (1, 1, 1), (2, 1, 2), (1, 2, 1), (3, 2, 2);
INSERT INTO "left"."Task" (id, "personId", "teamId") VALUES (1, 1, 1), (2, 2, 1), (3, NULL, NULL);
INSERT INTO "left"."Desk" (id, "teamId", seat) VALUES (1, 1, 2), (2, 2, NULL);
