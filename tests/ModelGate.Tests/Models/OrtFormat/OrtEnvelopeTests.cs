using System.Buffers.Binary;
using ModelGate.Models;

namespace ModelGate.Tests.Models.OrtFormat;

[TestClass]
public class OrtEnvelopeTests
{
    // root → session (vtable 8: version at +4, model at +8) → "6", model (vtable 6: ir_version at +4)
    private static byte[] Envelope(long irVersion = 8, uint model = 12)
    {
        byte[] file = new byte[64];
        BinaryPrimitives.WriteUInt32LittleEndian(file, 16);
        "ORTM"u8.CopyTo(file.AsSpan(4));
        file[8] = 8;
        file[12] = 4;
        file[14] = 8;
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(16), 16 - 8);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(10), 12);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(8), 8);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(20), 8);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(24), model);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(28), 1);
        file[32] = (byte)'6';
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(36), 36 - 48);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(40), irVersion);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(48), 6);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(50), 12);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(52), 4);
        return file;
    }

    [TestMethod]
    public void A_whole_envelope_is_a_model_of_known_size()
    {
        var model = Read(Envelope());

        Assert.AreEqual(ModelFormat.OrtFormat, model.Format);
        Assert.IsFalse(model.IsWeighable);
        Assert.AreEqual(64, model.Length);
    }

    [TestMethod]
    public void A_version_that_makes_no_sense_is_damage() => Refused(Envelope(irVersion: 360287970189639431), "360287970189639431");

    [TestMethod]
    public void An_offset_out_of_the_file_is_damage() => Refused(Envelope(model: 0xFFFF_FFF0), "leads out of the file");

    [TestMethod]
    public void A_file_cut_anywhere_in_its_envelope_is_refused()
    {
        for (int length = 8; length < 48; length++)
            Refused(Envelope()[..length], "");
    }

    [TestMethod]
    public void No_byte_of_the_envelope_can_be_changed_into_anything_but_a_model_or_a_refusal()
    {
        for (int i = 8; i < 64; i++)
        {
            for (int value = 0; value < 256; value += 5)
            {
                byte[] file = Envelope();
                file[i] = (byte)value;
                try
                {
                    Read(file);
                }
                catch (ModelException refused)
                {
                    Assert.AreEqual(Diagnostics.ModelMalformed, refused.Kind);
                }
            }
        }
    }

    private static ModelFile Read(byte[] file)
    {
        using var stream = new MemoryStream(file);
        return ModelReader.Read(stream, "model.ort");
    }

    private static void Refused(byte[] file, string why)
    {
        var refused = Assert.ThrowsExactly<ModelException>(() => Read(file));

        Assert.AreEqual(Diagnostics.ModelMalformed, refused.Kind);
        StringAssert.Contains(refused.Message, why);
    }
}
