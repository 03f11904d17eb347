import { z } from 'zod';

export const port = z.int().min(0).max(65535);
export const seconds = z.number().positive();
/** Path of a file. */
export const file = z.string().min(1);
