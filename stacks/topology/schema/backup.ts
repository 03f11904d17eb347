import { byteSize, count, dnsSubdomain, duration, map, someText, text, wordOr } from './fields';
import { image } from './image';

const FIELD = String.raw`(\*|[0-9A-Za-z]+(-[0-9A-Za-z]+)?)(/[0-9]+)?`;
const SCHEDULE = `^(@(hourly|daily|midnight|weekly|monthly)|${FIELD}(,${FIELD})*( ${FIELD}(,${FIELD})*){4})$`;

/** Dumps of the database. */
export const backup = wordOr(
  'off',
  map({
    schedule: text(
      (value) =>
        new RegExp(SCHEDULE).test(value)
          ? undefined
          : {
              reason: 'is not a schedule of cron',
              mend: 'write minute, hour, day, month and weekday, such as "17 3 * * *"',
            },
      { pattern: SCHEDULE },
    )
      .default('17 3 * * *')
      .describe('When, as five fields of cron.'),
    timeZone: someText().default('Etc/UTC').describe('Time zone of the schedule.'),
    keep: count(1, 1000).default(14).describe('Backups that are kept.'),
    deadline: duration().prefault('1h').describe('Time after which a backup, or a restore, is given up.'),
    alertAfter: duration(60, 3_600_000)
      .prefault('26h')
      .describe('With observability, an alert says if the last backup is older.'),
    size: byteSize()
      .optional()
      .describe('Size of the claim that is made. Default: 10Gi, and no less than the storage grants.'),
    claim: dnsSubdomain()
      .optional()
      .describe('An existing ReadWriteMany claim of the namespace for them. Default: NAME-backups is made.'),
    image: image()
      .optional()
      .describe(
        "Image with bash and PostgreSQL's programs, no older than the server. Default: PostgreSQL's own, 18.1.",
      ),
  }),
)
  .default('off')
  .describe('Dumps of the PostgreSQL database on a volume of their own; {} takes the defaults.');
