// The long forms of the workbench: typed text is kept, offers are accepted in place, a narrow screen goes by steps.

import { keepDraft } from "./drafts.js";
import { acceptInPlace } from "./partner.js";
import { goBySteps } from "./steps.js";

const form = document.getElementById("record-form");
acceptInPlace(form);
keepDraft(form);
if ("steps" in form.dataset) goBySteps(form);
