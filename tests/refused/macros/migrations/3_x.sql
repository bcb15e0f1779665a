-- stele: component PARAM
SELECT 1;
