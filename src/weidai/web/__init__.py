"""What people see: `h5` borrowers, `console` staff, `api` partners, `shared` what all pages have in common."""
