

DROP TABEL "é", b;
  -- stele: verify
