"""What secrets and personal data look like: tables of shapes, which domain/redaction.py looks for.

shape       what a shape is, and the pieces that patterns share
values      whether what stands behind a name may be a secret, or stands for one
tokens      tokens with a prefix of their vendor's, and keys
assigned    values behind a name: configuration, headers, URLs, SQL, XML, chat
commands    values on command lines
numbers     e-mail addresses, phones, accounts, cards, national ids, checked where they have a checksum
names       names, logins, places and dates of people, behind a word that says so
addresses   public IP addresses, and MAC addresses of devices
"""
