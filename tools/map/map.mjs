// Makes what the map of the panorama is drawn from: one silhouette of land, without borders, and a label point for each
// nation. Both are from Natural Earth (public domain, npm package world-atlas), in the Equal Earth projection.
//
//   cd tools/map && npm ci && node map.mjs ../../src/pages/pictures
//
// It writes land.txt (an SVG path) and places.csv (ISO 3166-1 alpha-2, x, y), in the units of a picture 1000 wide.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { geoArea, geoEqualEarth, geoPath } from "d3-geo";
import countries from "i18n-iso-countries";
import polylabel from "polylabel";
import { feature } from "topojson-client";

const require = createRequire(import.meta.url);
const atlas = (name) => JSON.parse(readFileSync(require.resolve(`world-atlas/${name}.json`)));
const target = process.argv[2];
const WIDTH = 1000;

// Antarctica has no partners: the map ends above it.
const land = feature(atlas("land-110m"), "land").features[0];
const polygons = land.geometry.coordinates.filter((polygon) => polygon[0].some(([, latitude]) => latitude > -60));
const shown = { type: "MultiPolygon", coordinates: polygons };
const projection = geoEqualEarth().rotate([-11, 0]).fitWidth(WIDTH, shown);
const path = geoPath(projection).digits(1)(shown);
const height = Math.ceil(geoPath(projection).bounds(shown)[1][1]);
writeFileSync(`${target}/land.txt`, `${path}\n`);

// The point that is farthest from every border of a nation's largest part.
const rows = [];
for (const { id, geometry } of feature(atlas("countries-10m"), "countries").features) {
  const code = id && countries.numericToAlpha2(id);
  if (!code || !geometry) continue;
  const parts = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  const largest = parts
    .map((coordinates) => ({ type: "Polygon", coordinates }))
    .reduce((one, other) => (geoArea(other) > geoArea(one) ? other : one));
  const rings = largest.coordinates.map((ring) => ring.map((point) => projection(point)));
  const [x, y] = polylabel(rings, 0.1);
  if (y <= height) rows.push([code, x.toFixed(1), y.toFixed(1)].join(","));
}
rows.sort();
writeFileSync(`${target}/places.csv`, `code,x,y\n${[...new Set(rows)].join("\n")}\n`);
console.log(`height ${height}, path ${path.length} bytes, ${rows.length} places`);
