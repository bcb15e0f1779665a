UPDATE memory SET content = trim(content);
