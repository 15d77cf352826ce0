// Makes the page: one script, one style sheet, and the licences of the libraries that are in the script.
import { build } from "esbuild";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const OUT = process.argv[2] ?? "../scheduler/page/built";

const { metafile } = await build({
  entryPoints: { page: "src/main.tsx" },
  outdir: OUT,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022"],
  charset: "utf8",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});

const packages = new Set();
for (const input of Object.keys(metafile.inputs)) {
  const named = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
  if (named) packages.add(named[1]);
}

const licences = [];
for (const name of [...packages].sort()) {
  const folder = join("node_modules", name);
  const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} has no licence`);
  licences.push(`${name} ${version} (${license})\n\n${(await readFile(join(folder, file), "utf8")).trim()}\n`);
}
await mkdir(OUT, { recursive: true });
await writeFile(join(OUT, "licences.txt"), licences.join(`\n${"-".repeat(80)}\n\n`));
