// A badge printed by the browser, for a desk without a network: size, words and code are those of the server's PDF.
import encodeQR from "../../vendor/qr-encode-0.7.0.min.js";
import { element } from "../page.js";

const SVG = "http://www.w3.org/2000/svg";
const BORDER = 1; // modules around the code

/** Print one badge. Without a code (somebody whom the server does not know yet) it has the name alone. */
export function printBadge({ round, side, name, position, party, code }) {
  document.getElementById("print-badge")?.remove();
  const badge = element(
    "section",
    { id: "print-badge", className: `dy-badge ${side}` },
    element("p", { className: "round", textContent: round }),
    code && codePicture(code),
    element("p", { className: "name", textContent: name }),
    position && element("p", { className: "of", textContent: position }),
    element("p", { className: "of", textContent: party }),
  );
  document.body.append(badge);
  document.body.classList.add("dy-printing");
  addEventListener("afterprint", () => document.body.classList.remove("dy-printing"), { once: true });
  print();
}

function codePicture(text) {
  const rows = encodeQR(text, "raw", { ecc: "medium", border: BORDER });
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", `0 0 ${rows.length} ${rows.length}`);
  picture.setAttribute("shape-rendering", "crispEdges");
  const path = document.createElementNS(SVG, "path");
  const marks = rows.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")));
  path.setAttribute("d", marks.join(""));
  picture.append(path);
  return picture;
}
