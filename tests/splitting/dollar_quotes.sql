SELECT $$a;b$$, $$it's; "c$$; SELECT $$$$;
