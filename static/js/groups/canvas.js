// The canvas: the control panel at left, what is being made, and the days of pictures.
import "./pictures.js";
import { provide } from "../mount.js";
import { BatchDialog } from "../modules/batch-dialog.js";
import { Draft } from "../modules/draft.js";
import { Inputs } from "../modules/inputs.js";
import { ModelRow } from "../modules/model-row.js";
import { ModelSettings } from "../modules/model-settings.js";
import { PromptBox } from "../modules/prompt-box.js";
import { Rail } from "../modules/rail.js";
import { Seed } from "../modules/seed.js";
import { Sheet } from "../modules/sheet.js";
import { Submit } from "../modules/submit.js";
import { Suggest } from "../modules/suggest.js";
import { Tray } from "../modules/tray.js";
import { listenForUse } from "../modules/use.js";

provide({
  "batch-dialog": BatchDialog,
  draft: Draft,
  inputs: Inputs,
  "model-row": ModelRow,
  "model-settings": ModelSettings,
  "prompt-box": PromptBox,
  rail: Rail,
  seed: Seed,
  sheet: Sheet,
  submit: Submit,
  suggest: Suggest,
  tray: Tray,
});

listenForUse(document);
