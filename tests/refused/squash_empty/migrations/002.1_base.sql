-- stele: squashes 002 d1:32c70f746eb97a74e14ec2cd0269e89ec55e95be2f8313fed1a8fb9120e6b804 "release 1"
-- pg_dump: error: connection failed
-- stele: down
DROP TABLE b, a;
