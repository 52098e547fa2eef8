"""登记表: which columns the national form has, what is known of them, and the form as Word and Excel."""
