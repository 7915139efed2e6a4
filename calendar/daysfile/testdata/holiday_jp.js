// Holidays of Japan by @holiday-jp/holiday_jp: node holiday_jp.js DIR FROM TO
const [dir, from, to] = process.argv.slice(2);
const jp = require(dir + "/node_modules/@holiday-jp/holiday_jp");
for (const h of jp.between(new Date(from + "-01-01"), new Date(to + "-12-31"))) {
  console.log("holiday", h.date.toISOString().slice(0, 10), h.name);
}
