SELECT 'left as it is: ${flyway:defaultSchema}'; -- ${foo}
