// What every page of a signed-in person has: the queue, what becomes of it, and the account's menu.
import { provide } from "../mount.js";
import { Away } from "../modules/away.js";
import { BatchNotice } from "../modules/batch-notice.js";
import { DoneNotices } from "../modules/done-notices.js";
import { Live } from "../modules/live.js";
import { LocalTime, tellTimeZone } from "../modules/local-time.js";
import { hideBrokenPreviews } from "../modules/previews.js";
import { QueuePanel } from "../modules/queue-panel.js";
import { listenForQueueUndo } from "../modules/queue-undo.js";
import { Queue } from "../modules/queue.js";
import { Status } from "../modules/status.js";
import { Theme } from "../modules/theme.js";

provide({
  away: Away,
  "batch-notice": BatchNotice,
  "done-notices": DoneNotices,
  live: Live,
  "local-time": LocalTime,
  queue: Queue,
  "queue-panel": QueuePanel,
  status: Status,
  theme: Theme,
});

hideBrokenPreviews(document);
tellTimeZone();
listenForQueueUndo(document);
