CREATE INDEX ON bookings (id);
