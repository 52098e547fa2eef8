// QR codes from the camera or from a photograph. Browsers without BarcodeDetector use the decoder that the site brings.
import { byId } from "../page.js";

const LARGEST = 1600; // pixels of a photograph's longer side
const PAUSE = 150; // milliseconds between two looks

/** `oncode(text)` for each code read; `decoder` is the address of the decoder's module. */
export function openCamera({ decoder, oncode, onfail }) {
  const dialog = byId("d-camera");
  const video = byId("video");
  const note = byId("camera-note");

  async function reader() {
    if ("BarcodeDetector" in window) {
      const formats = await window.BarcodeDetector.getSupportedFormats().catch(() => []);
      if (formats.includes("qr_code")) {
        const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
        return async (source) => (await detector.detect(source).catch(() => []))[0]?.rawValue;
      }
    }
    const { decodeQR } = await import(decoder);
    return async (source, width, height, isPhotograph) => {
      const scale = Math.min(1, LARGEST / Math.max(width, height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(source, 0, 0, canvas.width, canvas.height);
      try {
        const picture = context.getImageData(0, 0, canvas.width, canvas.height);
        return decodeQR(picture, isPhotograph ? { timeLimit: 2000 } : {});
      } catch {
        return undefined; // no code in this picture
      }
    };
  }

  async function watch() {
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      note.textContent = "没有拿到摄像头的画面。请在浏览器里允许使用摄像头，或者拍一张照片来识别。";
      return;
    }
    const stop = () => {
      for (const track of stream.getTracks()) track.stop();
    };
    if (!dialog.open) return stop();
    dialog.addEventListener("close", stop, { once: true });
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    const read = await reader();
    while (dialog.open) {
      const text = video.videoWidth && (await read(video, video.videoWidth, video.videoHeight, false));
      if (text) {
        dialog.close();
        return oncode(text);
      }
      await new Promise((wait) => setTimeout(wait, PAUSE));
    }
  }

  byId("camera").addEventListener("click", () => {
    note.textContent = "";
    video.hidden = true;
    dialog.showModal();
    if (navigator.mediaDevices) watch();
    else note.textContent = "这个网址不能直接使用摄像头（需要 https）。请拍一张照片来识别。";
  });
  byId("photo").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    event.target.value = ""; // the same file may be chosen again
    if (!file) return;
    const picture = await createImageBitmap(file).catch(() => null);
    const text = picture && (await (await reader())(picture, picture.width, picture.height, true));
    dialog.close();
    if (text) oncode(text);
    else onfail(picture ? "照片里没有认出二维码，请靠近一些、对准再拍。" : "这个文件不是照片，请重新拍一张。");
  });
}
