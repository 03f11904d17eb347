/** Something that is gone, or will be. */
export interface Retired {
  /** For messages, with a capital: `PodDisruptionBudget of policy/v1beta1`. */
  readonly what: string;
  /** Day of its end, UTC: `2022-08-23`. */
  readonly date: string;
  /** What ended or will end on that day, after "since" or "on". */
  readonly end: string;
  /** What to write instead. */
  readonly instead: string;
  /** False where what is retired still answers after that day, so that nothing breaks. @default true */
  readonly isGone?: boolean;
}

/**
 * Releases of Kubernetes that dropped something, and the day each came out.
 * Source: https://kubernetes.io/releases/patch-releases/ and the releases' announcements.
 */
export const RELEASES: Readonly<Record<string, string>> = {
  '1.15': '2019-06-19',
  '1.16': '2019-09-18',
  '1.21': '2021-04-08',
  '1.22': '2021-08-04',
  '1.24': '2022-05-03',
  '1.25': '2022-08-23',
  '1.26': '2022-12-09',
  '1.27': '2023-04-11',
  '1.28': '2023-08-15',
  '1.29': '2023-12-13',
  '1.30': '2024-04-17',
  '1.31': '2024-08-13',
  '1.32': '2024-12-11',
  '1.33': '2025-04-23',
};
