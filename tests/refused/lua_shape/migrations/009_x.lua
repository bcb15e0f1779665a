return { print }
