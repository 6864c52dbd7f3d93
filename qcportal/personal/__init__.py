"""A person's rights over their data (个人信息保护法 Art 44-50): a copy of it, requests, deletion of an account."""
