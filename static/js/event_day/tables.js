// All tables of a round: the list renews itself and says of when it is.
import { watchPolling } from "../htmx_polling.js";
import { byId } from "../page.js";
import { showFresh, showStale } from "./refresh.js";

const list = byId("renew");
watchPolling(list, {
  onfresh: () => showFresh("的安排"),
  onstale: () => showStale("恢复后自动更新"),
  isInUse: () => list.contains(document.activeElement), // a focused link stays
});
