-- tables
CREATE TABLE IF NOT EXISTS shop.cart (id SERIAL PRIMARY KEY, name VARCHAR(20) NOT NULL DEFAULT 'x', price DECIMAL(8,2), owner INT REFERENCES users(id) ON DELETE CASCADE, CONSTRAINT u UNIQUE (name), CHECK (price > 0));
CREATE UNIQUE INDEX cart_name ON cart (name DESC) WHERE price > 1;
CREATE OR REPLACE VIEW big AS SELECT c.*, count(*) AS n, CASE WHEN price > 1 THEN 'a' ELSE NULL END FROM cart c LEFT JOIN users u ON u.id = c.owner WHERE name LIKE 'a%' AND id IN (SELECT id FROM "old") GROUP BY 1 HAVING n > 1 ORDER BY name LIMIT 10;
CREATE FUNCTION total(rate numeric) RETURNS numeric AS $$ BEGIN RETURN rate * 2; END; $$ LANGUAGE plpgsql;
CREATE TRIGGER t AFTER INSERT ON cart FOR EACH ROW EXECUTE FUNCTION total();
CREATE TYPE mood AS ENUM ('a', 'b'); CREATE SCHEMA s; CREATE SEQUENCE q;
WITH x AS (SELECT 1) INSERT INTO cart (name) VALUES ('it''s'), (?) RETURNING id;
UPDATE cart SET name = upper(name) || 'x', price = -1.5e3 WHERE id BETWEEN 1 AND 2; DELETE FROM cart; ALTER TABLE cart ADD COLUMN z int; DROP TABLE cart;
/* end */
