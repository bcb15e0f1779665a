SELECT/**/1/**/AS/*;*/a;SELECT--;
2;
