/** Pictures of what manifests lay out. */
export type { LayoutEngine } from './layout';
export type { Box, Picture } from './picture';
export { pictureOf } from './picture-of';
export { svgOf } from './svg';
