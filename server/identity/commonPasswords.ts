/**
 * The most tried passwords of at least ten characters, lower case: shorter ones are refused for their length. A short
 * embedded list; the full breached list belongs to the security work.
 */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(
  `1234567890 0123456789 0987654321 9876543210 1234567891 12345678910 123456789a 123456789q 1q2w3e4r5t 1q2w3e4r5t6y
  qwertyuiop qwertyuiop1 qwerty12345 qwerty123456 1qaz2wsx3edc qazwsxedcrfv zaq12wsxcde asdfghjkl1 asdfghjkl; zxcvbnm123
  password12 password123 password1234 password12345 password01 passw0rd123 p@ssw0rd123 p@ssword123 mypassword
  passwordpassword letmein123 letmeinnow welcome123 welcome1234 iloveyou12 iloveyou123 administrator admin12345
  admin123456 adminadmin rootroot12 football12 football123 baseball12 basketball superman12 superman123 batman1234
  liverpool1 manchester chelsea123 barcelona1 realmadrid princess12 princess123 sunshine12 sunshine123 computer12
  computer123 internet12 michael123 jennifer12 alexander1 christopher charlie123 dragon1234 monkey1234 master1234
  shadow1234 trustno1trustno1 starwars12 starwars123 pokemon123 changeme12 changeme123 secret1234 default123
  bitcoin123 bitcoin2023 ethereum123 trading123 cryptocurrency tradingbot1 hodlhodlhodl
  abcdefghij abcdefghijk abcd123456 abc1234567 abcde12345 a123456789 aa12345678 q1w2e3r4t5 q1w2e3r4t5y6 test123456
  testtest12 1111111111 0000000000 1212121212 1122334455 1231231231 123123123123 1234512345 1357924680 2468101214
  11223344556677 147258369a 159753159753 741852963a 987654321a`.split(/\s+/),
);
