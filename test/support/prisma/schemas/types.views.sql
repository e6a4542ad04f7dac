CREATE VIEW "plain view" AS SELECT * FROM "Plain";
CREATE VIEW "MoodCount" AS SELECT mood, count(*) FROM "Plain" GROUP BY mood;
