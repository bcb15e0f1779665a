SELECT E'it\'s; one', E'\\', e'\\\';', E'\'';
SELECT E'''; ''';
