using System.Globalization;
using ModelGate.Measuring;

namespace ModelGate.Tests.Measuring.Inputs;

/// <summary>Open dimensions whose sizes follow from others', as exporters name them.</summary>
[TestClass]
public sealed class DimensionSumsTests
{
    // Inputs as "name: dims; name: dims", sizes that somebody says as "name=size", and what the dimension then is.
    [TestMethod]
    [DataRow("input_ids: b,s; attention_mask: b,past + s; past_key_values.0.key: b,4,past,16", "", "past + s", 2L)]
    [DataRow("input_ids: b,s; attention_mask: b,past + s; past_key_values.0.key: b,4,past,16", "past=16,s=3", "past + s", 19L)]
    [DataRow("input_ids: b,1; attention_mask: b,past_sequence_length + 1; past_key_values.0.key: b,4,past_sequence_length,16", "past_sequence_length=7", "past_sequence_length + 1", 8L)]
    [DataRow("input_ids: b,sequence_length; attention_mask: b,total_sequence_length; past_key_values.0.key: b,4,past_sequence_length,16", "past_sequence_length=127", "total_sequence_length", 128L, DisplayName = "GenAI")]
    [DataRow("input_ids: b,seq_len; attention_mask: b,total_seq_len; past_0: 2,b,4,past_seq_len,8", "", "total_seq_len", 2L, DisplayName = "GPT-2 of ONNX Runtime")]
    [DataRow("input_ids: b,s; attention_mask: b,covered; past_key_values.0.key: b,4,cached,16", "cached=9", "covered", 10L, DisplayName = "names that say nothing")]
    [DataRow("input_ids: ?,?; attention_mask: ?,?; past_key_values.0.key: ?,4,?,16", "", "dimension 1 of 'attention_mask'", 2L, DisplayName = "no names")]
    [DataRow("input_ids: b,2; attention_mask: b,covered; past_key_values.0.decoder.key: b,4,cached,16; past_key_values.0.encoder.key: b,4,heard,16", "", "covered", 3L, DisplayName = "a cache of the encoder beside it")]
    [DataRow("input_ids: b,1; attention_mask: b,covered; past_conv.0: b,64,3; past_key_values.0.key: b,4,cached,16", "cached=5", "covered", 6L, DisplayName = "a cache of another kind before it")]
    [DataRow("x: 2*n", "", "2*n", 2L)]
    [DataRow("x: 2*n; y: n", "n=0", "2*n", 0L, DisplayName = "an empty cache")]
    [DataRow("x: 32*_h,32*_w", "_h=20", "32*_h", 640L)]
    [DataRow("x: n; y: n - 1", "n=5", "n - 1", 4L)]
    public void A_size_follows_from_what_its_name_or_its_input_says(string inputs, string said, string name, long size) => Assert.AreEqual(size, Sums(inputs).Size(name, Said(said)));

    [TestMethod]
    public void What_older_exporters_call_the_cached_and_the_new_together_is_of_the_cache_the_cached_alone()
    {
        var sums = Sums("input_ids: batch,sequence; attention_mask: batch,past_sequence + sequence; past_key_values.0.key: batch,4,past_sequence + sequence,16");

        Assert.AreEqual("past_sequence", sums.NameOf("past_key_values.0.key", 2, "past_sequence + sequence"));
        Assert.AreEqual(2, sums.Size("past_sequence + sequence", Said("")));
        Assert.AreEqual(18, sums.Size("past_sequence + sequence", Said("past_sequence=16,sequence=2")));
    }

    [TestMethod]
    public void Where_the_whole_is_said_the_cache_is_what_is_left()
    {
        var sums = Sums("input_ids: b,s; attention_mask: b,past + s; past_key_values.0.key: b,4,past,16");

        Assert.AreEqual(127, sums.Size("past", Said("past + s=128")));
        Assert.AreEqual(96, sums.Size("past", Said("past + s=128,s=32")));
        Assert.AreEqual(28, sums.Size("s", Said("past + s=128,past=100")));
        Assert.IsNull(sums.Size("past", Said("past + s=16,s=32")), "there is nothing left");
        Assert.IsNull(sums.Size("s", Said("past + s=128")), "a new token at a time");
    }

    [TestMethod]
    [DataRow("encoder_sequence_length / 2")]
    [DataRow("batch-size")]
    [DataRow("batch_size x num_heads")]
    [DataRow("p2o.DynamicDimension.0")]
    [DataRow("total_pixels")]
    [DataRow("n - 1", DisplayName = "less than one")]
    [DataRow("")]
    public void Nothing_follows_from(string name) => Assert.IsNull(Sums($"x: {name}").Size(name, Said("")));

    [TestMethod]
    public void An_attention_mask_as_long_as_the_input_stays_so() =>
        Assert.IsNull(Sums("input_ids: b,s; attention_mask: b,s; past_key_values.0.key: b,4,past,16").Of("s"));

    [TestMethod]
    public void The_mask_of_an_encoder_beside_a_decoder_stays_as_long_as_what_it_covers() =>
        Assert.IsNull(Sums("decoder_input_ids: b,1; attention_mask: b,heard; encoder_hidden_states: b,heard,64; past_key_values.0.decoder.key: b,4,past,16").Of("heard"));

    private static DimensionSums Sums(string inputs) =>
        new(inputs.Split("; ").Select(static input => input.Split(": ")).ToDictionary(static input => input[0], static input => (IReadOnlyList<string>)input[1].Split(',')));

    private static Func<string, long?> Said(string said)
    {
        var sizes = said.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(static one => one.Split('=')).ToDictionary(static one => one[0], static one => long.Parse(one[1], CultureInfo.InvariantCulture));
        return name => sizes.TryGetValue(name, out long size) ? size : null;
    }
}
