SELECT U&'d!0061t!+000061; \' UESCAPE '!'; SELECT U&'a##;' UESCAPE -- ;
 '#';
