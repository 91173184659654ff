// SPDX-License-Identifier: MIT
// ruff for machines whose packages do not have it: node scripts/ruff.cjs MODULE FILE...
// MODULE is the npm package @astral-sh/ruff-wasm-nodejs; the rules are in ruff.json. Each finding is FILE:LINE:COLUMN: and its rule.
"use strict";
const fs = require("fs");
const path = require("path");

const [modulePath, ...files] = process.argv.slice(2);
const ruff = require(path.resolve(modulePath));
const settings = JSON.parse(fs.readFileSync(path.join(__dirname, "..", "ruff.json"), "utf8"));
const workspace = new ruff.Workspace(settings, ruff.PositionEncoding.Utf32);
let found = 0;
for (const file of files) {
    for (const { code, message, start_location: at } of workspace.check(fs.readFileSync(file, "utf8"))) {
        console.log(`${file}:${at.row}:${at.column}: ${code} ${message}`);
        found += 1;
    }
}
process.exit(found || !files.length ? 1 : 0);
