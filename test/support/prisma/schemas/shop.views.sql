CREATE VIEW people.tenant_totals AS
  SELECT t.tenant_id, t.slug_text,
         (SELECT count(*)::int FROM people.people p WHERE p.tenant_id = t.tenant_id) AS people_count,
         (SELECT count(*)::int FROM shop.orders o WHERE o.tenant_id = t.tenant_id) AS order_count
  FROM people.tenants t;

CREATE VIEW shop.best_sellers AS
  SELECT p.product_name, sum(l.pieces_ordered)::bigint AS pieces_sold, sum(l.pieces_ordered * l.piece_price::numeric) AS revenue
  FROM shop.order_lines l JOIN shop.products p USING (product_id)
  GROUP BY p.product_name;
